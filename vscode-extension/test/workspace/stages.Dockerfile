FROM golang:1.22 AS build
WORKDIR /src
COPY go.mod main.go ./
RUN go build -o /app .

FROM build AS unused
RUN go vet ./...

FROM debian:bookworm-slim
COPY --from=build /app /app
CMD ["/app"]

