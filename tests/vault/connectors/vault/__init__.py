"""The depot, where discovery looks for upstreams."""
