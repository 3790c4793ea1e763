"""A domain that exists to be carried: loaves are ordered, baked by a saga, told about, and sometimes burnt."""
