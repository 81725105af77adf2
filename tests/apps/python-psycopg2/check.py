import psycopg2
from psycopg2 import extensions

print("libpq", extensions.libpq_version() // 10000)
try:
    psycopg2.connect("host=/nowhere dbname=none")
except psycopg2.OperationalError as error:
    print("no server:", "No such file" in str(error))
