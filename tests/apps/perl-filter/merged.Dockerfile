FROM perl:5.36
WORKDIR /app
COPY . /app
RUN perl -Ilib -c filter.pl && mkdir -p /opt/filter && cp -r filter.pl lib /opt/filter/ \
    && cp input.txt /etc/filter-input
ENV PERL5LIB=/opt/filter/lib FILTER_INPUT=/etc/filter-input
CMD ["perl", "/opt/filter/filter.pl"]
