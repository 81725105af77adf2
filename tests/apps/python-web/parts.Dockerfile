FROM python:3.11-slim
RUN useradd --system --uid 991 web
WORKDIR /app
COPY fruit ./fruit
RUN python -m compileall -q fruit
COPY app.py .
ENV GREETING="good day" PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=5s CMD python -c "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz')"
USER web
CMD ["python", "app.py"]
