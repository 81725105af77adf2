FROM python:3.11 AS build
WORKDIR /app
COPY requirements.txt ./
RUN --mount=type=cache,id=pip-python-3.11,target=/root/.cache/pip pip install -r requirements.txt

FROM python:3.11-slim
COPY --from=build /usr/local/lib/python3.11/site-packages /usr/local/lib/python3.11/site-packages
COPY --from=build /usr/local/bin /usr/local/bin
WORKDIR /app
COPY . .
EXPOSE 8000
CMD ["gunicorn", "app:app"]
