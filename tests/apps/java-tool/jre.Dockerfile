FROM eclipse-temurin:17 AS build
WORKDIR /work
COPY . .
RUN mkdir -p classes && javac -d classes src/tool/*.java
RUN cp resources/* classes/ && jar --create --file /opt/tool.jar --main-class tool.Main -C classes .

FROM eclipse-temurin:17-jre
WORKDIR /work
COPY --from=build /opt/tool.jar /opt/tool.jar
ENV TOOL_MODE=fast
ENTRYPOINT ["java", "-jar", "/opt/tool.jar"]
