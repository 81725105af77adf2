FROM debian:12
RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
ARG VCS_REF
LABEL org.opencontainers.image.revision=$VCS_REF
CMD ["curl"]
