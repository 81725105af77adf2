FROM rust:1.78 AS build
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked cargo build --release

FROM debian:bookworm-slim
WORKDIR /app
COPY --from=build /app/target/release/shop /app/target/release/shop
CMD ["./target/release/shop"]
