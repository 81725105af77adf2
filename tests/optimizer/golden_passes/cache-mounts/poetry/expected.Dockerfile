FROM python:3.12-slim
RUN --mount=type=cache,id=pip-python-3.12-slim,target=/root/.cache/pip pip install poetry==1.8.3
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/root/.cache/pypoetry/cache \
    --mount=type=cache,id=poetry-python-3.12-slim,target=/root/.cache/pypoetry/artifacts \
    poetry install --only main
CMD ["poetry", "run", "python", "app.py"]
