FROM golang:1.22-alpine AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    go install ./cmd/tool

FROM alpine:3
ENV PATH=/go/bin:$PATH
WORKDIR /src
COPY --from=build /go/bin /go/bin
ENTRYPOINT ["tool"]
