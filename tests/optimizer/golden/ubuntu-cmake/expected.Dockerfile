FROM ubuntu:22.04 AS build
ARG VERSION=1
ENV APP_VERSION=$VERSION
RUN apt-get update && apt-get install -y build-essential cmake libssl3 tzdata
COPY . /src
WORKDIR /src
RUN mkdir build && cd build && cmake .. && make

FROM ubuntu:22.04
ARG VERSION=1
ENV APP_VERSION=$VERSION
RUN apt-get update \
    && apt-get install -y libssl3 tzdata \
    && rm -rf /var/lib/apt/lists/*
COPY . /src
WORKDIR /src
COPY --from=build /src/build /src/build
VOLUME /data
CMD ["/src/build/server"]
