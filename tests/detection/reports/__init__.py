"""What public reports and servers that we met do, as changes of the reference provider; `../reports.toml` says what is right to say."""
