"""`ACTION PREFIX [WORD]` with pylibmc, as MemCachier's documents have it: binary protocol, SASL."""
import os
import sys

import pylibmc

action, prefix = sys.argv[1:3]
servers = os.environ[prefix + '_SERVERS'].split(',')
username, password = os.environ[prefix + '_USERNAME'], os.environ[prefix + '_PASSWORD']
client = pylibmc.Client(servers, binary=True, username=username, password=password, behaviors={'connect_timeout': 5000})
if action == 'write':
    client.set('kept', sys.argv[3])
elif action == 'limit':
    print(int(client.get_stats()[0][1]['limit_maxbytes']))
elif action == 'intrude':
    for who, key in ((username, 'wrong'), ('nobody', password)):
        try:
            pylibmc.Client(servers, binary=True, username=who, password=key).set('kept', 'intruder')
            print('let in')
        except pylibmc.Error as error:
            print(type(error).__name__, 'AUTHENTICATION FAILURE' in str(error))
    try:
        pylibmc.Client(servers, binary=True).set('kept', 'intruder')
        print('let in')
    except pylibmc.Error:
        print('refused')
else:
    print(client.get('kept'))
