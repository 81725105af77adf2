FROM golang:1.19
ENV CGO_ENABLED=0 AUDIENCE=everybody SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod go build -o /usr/local/bin/service . \
    && mkdir -p /etc/service && cp page.html /etc/service/
WORKDIR /
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/service"]
