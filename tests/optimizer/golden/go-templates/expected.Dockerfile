FROM golang:1.22 AS build
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    go build -o server .

FROM debian:bookworm-slim
WORKDIR /go
COPY --from=build /go/templates /go/templates
COPY --from=build /go/server /go/server
CMD ["./server"]
