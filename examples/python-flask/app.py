import os

from flask import Flask

app = Flask(__name__)


@app.get('/')
def root():
    return f'{os.environ["WEB_CONCURRENCY_SET_BY"]} unless told otherwise\n'
