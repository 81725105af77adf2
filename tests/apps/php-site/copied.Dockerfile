FROM php:8.2-cli
WORKDIR /var/www
COPY src src
COPY public public
RUN find . -name '*.php' -exec php -l {} \;
ENV SITE_NAME=example
EXPOSE 8080
STOPSIGNAL SIGINT
CMD ["php", "-S", "0.0.0.0:8080", "-t", "public"]
