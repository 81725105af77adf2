FROM php:8.2-cli AS check
COPY . /var/www
RUN find /var/www -name '*.php' -exec php -l {} \; && rm -rf /var/www/*Dockerfile

FROM php:8.2-cli
COPY --from=check /var/www /var/www
ENV SITE_NAME=example
WORKDIR /var/www
EXPOSE 8080
STOPSIGNAL SIGINT
CMD ["php", "-S", "0.0.0.0:8080", "-t", "public"]
