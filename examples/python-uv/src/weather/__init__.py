import os
from wsgiref.simple_server import make_server

from forecast import tomorrow


def app(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [f'Tomorrow: {tomorrow()}\n'.encode()]


def serve():
    make_server('', int(os.environ['PORT']), app).serve_forever()
