"""`ACTION PREFIX [WORD]` with psycopg2: writes a row, prints it, counts the connections it is given, or tries to get in."""
import os
import sys

import psycopg2

action, prefix = sys.argv[1:3]
url = os.environ[prefix + '_URL']
if action == 'connections':
    held = []
    try:
        while len(held) < 2000:
            held.append(psycopg2.connect(url))
    except psycopg2.OperationalError:
        pass
    print(len(held))
    sys.exit()
if action == 'intrude':
    try:
        psycopg2.connect(url, password='wrong')
        print('let in')
    except psycopg2.OperationalError as error:
        print('authentication failed' in str(error))
    sys.exit()
connection = psycopg2.connect(url, connect_timeout=5)
connection.autocommit = True
cursor = connection.cursor()
if action == 'write':
    cursor.execute('CREATE TABLE IF NOT EXISTS kept (word text)')
    cursor.execute('INSERT INTO kept VALUES (%s)', (sys.argv[3],))
else:
    cursor.execute("SELECT to_regclass('kept')")
    if cursor.fetchone()[0] is not None:
        cursor.execute('SELECT word FROM kept')
        print([row[0] for row in cursor.fetchall()])
