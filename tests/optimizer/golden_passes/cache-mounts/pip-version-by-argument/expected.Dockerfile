ARG PYTHON=3.12
FROM python:${PYTHON}-slim
WORKDIR /app
COPY . .
RUN --mount=type=cache,id=pip-python-slim,target=/root/.cache/pip pip install -r requirements.txt
CMD ["python", "app.py"]
