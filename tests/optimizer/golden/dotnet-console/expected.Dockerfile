FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build
WORKDIR /app
COPY Tool.csproj ./
RUN --mount=type=cache,target=/root/.nuget/packages dotnet restore
COPY . ./
RUN --mount=type=cache,target=/root/.nuget/packages dotnet publish -c Release -o out

FROM mcr.microsoft.com/dotnet/aspnet:8.0
WORKDIR /app
COPY --from=build /app/out /app/out
CMD ["dotnet", "out/Tool.dll"]
