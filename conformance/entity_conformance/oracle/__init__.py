"""What must be true of a deployment: the run's own records as last written, and the right answers to a question.

Pure: values in, values out. It is shared by everybody who asks, and imports nobody who does.
"""
