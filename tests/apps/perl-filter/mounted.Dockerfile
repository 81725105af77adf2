FROM perl:5.36-slim
WORKDIR /app
RUN --mount=type=bind,target=/context perl -I/context/lib -c /context/filter.pl && mkdir -p /opt/filter \
    && cp -r /context/filter.pl /context/lib /opt/filter/ && cp /context/input.txt /etc/filter-input
ENV PERL5LIB=/opt/filter/lib FILTER_INPUT=/etc/filter-input
CMD ["perl", "/opt/filter/filter.pl"]
