"""`ACTION VARIABLE [WORD]` with PyMySQL."""
import os
import sys
from urllib.parse import urlsplit

import pymysql

action, variable = sys.argv[1:3]
url = urlsplit(os.environ[variable])


def connect(password=url.password):
    return pymysql.connect(host=url.hostname, port=url.port, user=url.username, password=password, database=url.path[1:],
                           charset='utf8mb4', connect_timeout=5, autocommit=True)


if action == 'connections':
    held = []
    try:
        while len(held) < 2000:
            held.append(connect())
    except pymysql.err.OperationalError as error:
        assert error.args[0] in (1040, 1203, 1226), error
    print(len(held))
    sys.exit()
if action == 'intrude':
    try:
        connect('wrong')
        print('let in')
    except pymysql.err.OperationalError as error:
        print(error.args[0])
    with connect().cursor() as cursor:
        for statement in ('CREATE USER intruder', 'CREATE DATABASE other', 'SELECT * FROM mysql.global_priv'):
            try:
                cursor.execute(statement)
                print('allowed', statement)
            except pymysql.err.Error as error:
                print(error.args[0])
    sys.exit()
with connect().cursor() as cursor:
    if action == 'write':
        cursor.execute('CREATE TABLE IF NOT EXISTS kept (word text)')
        cursor.execute('INSERT INTO kept VALUES (%s)', (sys.argv[3],))
    else:
        cursor.execute("SHOW TABLES LIKE 'kept'")
        if cursor.fetchone() is not None:
            cursor.execute('SELECT word FROM kept')
            print([row[0] for row in cursor.fetchall()])
