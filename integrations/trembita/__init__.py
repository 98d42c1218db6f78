"""«Трембіта» (СЕВ ДЕІР): what the register sends to other bodies of state through its security server."""
