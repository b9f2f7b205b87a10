"""Backup and restore: one consistent point of database and vault, encrypted, incremental, verified; keys apart.

A repository (a folder or an S3 prefix) holds pieces of databases, blobs and one manifest a backup. Without the key
ring, which stays with the instance's keys, it is noise. What is destroyed in the ring stays closed on every medium.
"""
