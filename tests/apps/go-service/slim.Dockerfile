FROM golang:1.19 AS build
ENV CGO_ENABLED=0
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod go build -o /usr/local/bin/service .

FROM debian:12-slim
ENV CGO_ENABLED=0 AUDIENCE=everybody SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
ENV GOPATH=/go GOPROXY=off GOFLAGS=-trimpath PATH=/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COPY --from=build /usr/local/bin/service /usr/local/bin/service
COPY page.html /etc/service/page.html
WORKDIR /
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/service"]
