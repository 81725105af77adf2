FROM python:3.11 AS build
WORKDIR /srv
COPY requirements.txt .
RUN --mount=type=cache,id=pip-python-3.11,target=/root/.cache/pip pip install -r requirements.txt

FROM python:3.11-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/lib/python3.11/site-packages /usr/local/lib/python3.11/site-packages
COPY --from=build /usr/local/bin /usr/local/bin
WORKDIR /srv
COPY requirements.txt .
COPY . .
CMD ["python", "report.py"]
