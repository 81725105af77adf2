FROM debian:12
COPY a.sh /usr/bin/
ADD data.tar.gz /data/
ADD https://example.org/x /x
CMD ["a.sh"]
