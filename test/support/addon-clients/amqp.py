"""`ACTION VARIABLE [WORD]` with Pika: a durable queue with persistent messages; reading leaves them there."""
import os
import sys

import pika

action, variable = sys.argv[1:3]
parameters = pika.URLParameters(os.environ[variable])
parameters.socket_timeout = 5
if action == 'connections':
    held = []
    try:
        while len(held) < 2000:
            held.append(pika.BlockingConnection(parameters))
    except pika.exceptions.AMQPError:
        pass
    print(len(held))
    sys.exit()
if action == 'intrude':
    parameters.credentials = pika.PlainCredentials(parameters.credentials.username, 'wrong')
    try:
        pika.BlockingConnection(parameters)
        print('let in')
    except pika.exceptions.AMQPError as error:
        print(type(error).__name__)
    sys.exit()
channel = pika.BlockingConnection(parameters).channel()
if action == 'write':
    channel.queue_declare('kept', durable=True)
    channel.confirm_delivery()
    channel.basic_publish('', 'kept', sys.argv[3], pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent), mandatory=True)
else:
    try:
        method, _, body = channel.basic_get('kept')
        print(None if method is None else body.decode())
        if method is not None:
            channel.basic_nack(method.delivery_tag, requeue=True)
    except pika.exceptions.ChannelClosedByBroker:
        print('no queue')
