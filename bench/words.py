"""Sentences that the benchmark's customers write, in Turkish and English."""

from __future__ import annotations

TURKISH = (
    "Merhaba, geçen hafta verdiğim sipariş hâlâ kargoya verilmemiş görünüyor.",
    "Ürün kırık geldi, kutunun köşesi ezilmişti; fotoğraflarını ekte gönderiyorum.",
    "İade kodunu hangi şubeye götürmem gerektiğini öğrenebilir miyim?",
    "Faturada unvanımız yanlış yazılmış, düzeltilmiş hâlini rica ederim.",
    "Müşteri hizmetlerini iki kez aradım, yoğunluk nedeniyle kimseye ulaşamadım.",
    "Çağrı merkezindeki arkadaşınız çok ilgiliydi, kendisine ayrıca teşekkür ederim.",
    "Ödeme ekranı kartımdan iki kez çekim yaptı, birinin geri yatırılması gerekiyor.",
    "Işıklı ayna düğmesine basınca yanmıyor, ampulünü değiştirdim ama olmadı.",
    "Şubenizden aldığım sehpanın vidaları eksik çıktı, posta ile gönderebilir misiniz?",
    "Değişim için aynı ürünün açık gri rengini istiyorum, stokta var mı?",
    "Kurye adresi bulamamış, oysa kapı numarası sipariş notunda yazılıydı.",
    "Üç iş günü içinde dönüş yapılacağı söylenmişti, bugün altıncı gün.",
    "Bilginize sunar, iyi çalışmalar dilerim.",
    "Ğ harfi olan adımız etikette soru işaretiyle çıkıyor, kargo bu yüzden karışıyor.",
)
ENGLISH = (
    "Hello, the parcel was marked as delivered yesterday but nobody has seen it.",
    "The lamp arrived with the wrong plug; could you send an adapter or take it back?",
    "I would like to change the delivery address before it leaves your warehouse.",
    "My card was charged twice for the same order, please refund one of the payments.",
    "Thank you for the quick answer, that is exactly what I needed.",
    "Could you tell me whether the oak table is available in a smaller size?",
    "The tracking page has been saying the same thing for five days now.",
    "We are a small hotel and would like an offer for forty bedside lamps.",
    "The invoice does not show our VAT number, and our accountant insists on it.",
    "One of the six glasses came broken, the other five are lovely.",
    "Please cancel the order if it cannot be here before the first of the month.",
    "I have attached the photographs that your colleague asked for.",
)
TURKISH_SUBJECTS = ("Sipariş gecikti", "Kırık ürün", "İade talebi", "Fatura düzeltme", "Çift çekim", "Şifre sıfırlama")
ENGLISH_SUBJECTS = ("Where is my order", "Broken on arrival", "Return request", "Invoice", "Charged twice", "Quote needed")
TURKISH_NAMES = ("Ayşe Yılmaz", "Gökçe Şahin", "İrem Çağlar", "Oğuz Işık", "Ümit Öztürk", "Tuğba Güneş", "Barış Kılıç")
ENGLISH_NAMES = ("Sarah Miller", "James O'Neill", "Lena Fischer", "Tom Baker", "Maria Rossi", "Kate Wong", "Ian Scott")
