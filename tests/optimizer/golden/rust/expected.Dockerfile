FROM rust:1.75 AS build
WORKDIR /usr/src/app
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked cargo build --release

FROM debian:bookworm-slim
WORKDIR /usr/src/app
COPY --from=build /usr/src/app/static /usr/src/app/static
COPY --from=build /usr/src/app/target/release/app /usr/src/app/target/release/app
CMD ["./target/release/app"]
