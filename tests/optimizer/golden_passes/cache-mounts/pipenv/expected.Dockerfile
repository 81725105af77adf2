FROM python:3.12-slim
RUN --mount=type=cache,id=pip-python-3.12-slim,target=/root/.cache/pip pip install pipenv
WORKDIR /app
COPY . .
RUN --mount=type=cache,id=pipenv-python-3.12-slim,target=/root/.cache/pipenv pipenv sync --system
CMD ["python", "app.py"]
