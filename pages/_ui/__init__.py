"""What pages share: loaders, filters, charts, parts. The only Streamlit code outside the pages."""
