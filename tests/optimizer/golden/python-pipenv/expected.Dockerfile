FROM python:3.12 AS build
WORKDIR /app
RUN --mount=type=cache,id=pip-python-3.12,target=/root/.cache/pip pip install pipenv
COPY Pipfile Pipfile.lock ./
RUN --mount=type=cache,id=pipenv-python-3.12,target=/root/.cache/pipenv pipenv install --system --deploy

FROM python:3.12-slim
COPY --from=build /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages
COPY --from=build /usr/local/bin /usr/local/bin
WORKDIR /app
COPY . .
CMD ["python", "main.py"]
