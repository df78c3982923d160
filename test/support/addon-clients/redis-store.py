"""`ACTION PREFIX [WORD]` with redis-py."""
import os
import sys

import redis

action, prefix = sys.argv[1:3]
url = os.environ[prefix + '_URL']
if action == 'connections':
    held = []
    try:
        while len(held) < 20000:
            held.append(redis.Redis.from_url(url))
            held[-1].ping()
    except redis.ConnectionError:
        held.pop()
    print(len(held))
    sys.exit()
if action == 'intrude':
    for password in ('wrong', None):
        try:
            connection = redis.Redis.from_url(url)
            connection.connection_pool.connection_kwargs['password'] = password
            connection.ping()
            print('let in')
        except redis.AuthenticationError as error:
            print(type(error).__name__)
    sys.exit()
client = redis.Redis.from_url(url, socket_connect_timeout=5, decode_responses=True)
if action == 'write':
    client.rpush('kept', sys.argv[3])
else:
    print(client.lrange('kept', 0, -1))
