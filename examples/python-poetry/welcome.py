import os
from importlib.metadata import version
from wsgiref.simple_server import make_server


def app(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [f'Welcome {version("welcome")}\n'.encode()]


def serve():
    make_server('', int(os.environ['PORT']), app).serve_forever()
