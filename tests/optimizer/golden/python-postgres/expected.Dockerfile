FROM python:3.11-bookworm AS build
RUN apt-get update && apt-get install -y build-essential libpq-dev git && rm -rf /var/lib/apt/lists/*
RUN useradd -m app
WORKDIR /app
COPY requirements.txt .
RUN --mount=type=cache,id=pip-debian-bookworm,target=/root/.cache/pip pip install -r requirements.txt
COPY . .
RUN chown -R app:app /app

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y libpq5 git \
    && rm -rf /var/lib/apt/lists/*
RUN useradd -m app
WORKDIR /app
COPY --from=build /usr/local/lib/python3.11/site-packages /usr/local/lib/python3.11/site-packages
COPY --from=build /usr/local/bin /usr/local/bin
COPY --from=build /app /app
RUN chown app:app /app
USER app
CMD ["python", "-m", "web"]
