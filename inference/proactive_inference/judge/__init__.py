"""The judge: would this person accept this task, or this silence, now?"""
