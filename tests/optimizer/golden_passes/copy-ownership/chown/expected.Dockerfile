FROM debian:12
RUN useradd app
COPY --chown=app:app . /app
USER app
CMD ["/app/server"]
