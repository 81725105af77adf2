FROM python:3.12 AS build
ENV POETRY_VIRTUALENVS_IN_PROJECT=true
WORKDIR /app
RUN --mount=type=cache,id=pip-python-3.12,target=/root/.cache/pip pip install poetry
COPY . .
RUN --mount=type=cache,target=/root/.cache/pypoetry/cache \
    --mount=type=cache,id=poetry-python-3.12,target=/root/.cache/pypoetry/artifacts \
    poetry install

FROM python:3.12-slim
ENV POETRY_VIRTUALENVS_IN_PROJECT=true
WORKDIR /app
COPY --from=build /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages
COPY --from=build /usr/local/bin /usr/local/bin
COPY --from=build /app /app
CMD ["poetry", "run", "python", "main.py"]
