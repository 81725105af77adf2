FROM golang:1.23 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN --mount=type=cache,target=/root/.cache/go-build go build -o /out/app .

FROM golang:1.23
COPY --from=build /go /go
COPY --from=build /out/app /usr/bin/app
CMD ["app"]
