"""ІСЕІ (id.gov.ua): the second way into the cabinet (постанова 1255 п.5(16); handbook J.4)."""
