# dflint itself: docker run --rm -v "$PWD:/work" dflint
FROM python:3.12 AS build

WORKDIR /src
COPY . .
RUN --mount=type=cache,id=pip-python-3.12,target=/root/.cache/pip pip install .

FROM python:3.12-slim
WORKDIR /src
RUN apt-get update \
    && apt-get install -y --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages
COPY --from=build /usr/local/bin /usr/local/bin
COPY --from=build /src /src

WORKDIR /work
ENTRYPOINT ["dflint"]
