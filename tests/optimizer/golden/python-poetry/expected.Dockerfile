FROM python:3.12 AS build
WORKDIR /app
RUN --mount=type=cache,id=pip-python-3.12,target=/root/.cache/pip pip install poetry==1.8.3
COPY pyproject.toml poetry.lock ./
RUN --mount=type=cache,target=/root/.cache/pypoetry/cache \
    --mount=type=cache,id=poetry-python-3.12,target=/root/.cache/pypoetry/artifacts \
    poetry config virtualenvs.create false && poetry install --no-root

FROM python:3.12-slim
COPY --from=build /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages
COPY --from=build /usr/local/bin /usr/local/bin
WORKDIR /app
COPY . .
CMD ["python", "main.py"]
