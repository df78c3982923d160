def tomorrow():
    return 'sunny'
