FROM perl:5.36 AS check
COPY . /app
WORKDIR /app
RUN perl -Ilib -c filter.pl

FROM perl:5.36-slim
WORKDIR /app
COPY filter.pl /opt/filter/
COPY lib /opt/filter/lib
COPY input.txt /etc/filter-input
ENV PERL5LIB=/opt/filter/lib FILTER_INPUT=/etc/filter-input
CMD ["perl", "/opt/filter/filter.pl"]
