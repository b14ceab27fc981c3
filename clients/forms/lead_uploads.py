from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile

LARGEST = 50_000_000  # bytes


class LeadFileForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text=(
            "At most 100,000 lines, in UTF-8, or as Excel’s ‘Unicode text’. Its first line names the columns: ‘email’, and where "
            "you have them ‘first name’, ‘last name’, ‘company’ and ‘timezone’. Every other column is sent as a field of your "
            "own, under its name."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
        error_messages={"required": "Choose a file.", "empty": "This file is empty."},
    )

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(f"This file is larger than {LARGEST // 1_000_000} MB: part it.")
        return file
