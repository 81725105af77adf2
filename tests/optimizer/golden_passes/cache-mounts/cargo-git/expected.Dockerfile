FROM rust:1.80-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/usr/local/cargo/git,sharing=locked \
    cargo build --release
FROM debian:12-slim
COPY --from=build /src/target/release/a /usr/bin/
CMD ["a"]
